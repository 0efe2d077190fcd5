"""Twilio: Media Streams (codec), webhooks (twiml, signature, token, admission) and its REST API (rest)."""
