"""Twilio: Media Streams (codec), what its webhooks need (twiml, signature, token) and its REST API (rest)."""
