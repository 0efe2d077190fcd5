"""The call core: pure. No asyncio, no clock, no engine; events and `now` go in, commands and the next deadline come out."""
