"""A whole call on one machine: a Twilio-side client dials the real server, and a report tells how it went."""
