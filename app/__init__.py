"""The Kannada voice agent: the call core, the reply pipeline, the engines and the server around them."""
