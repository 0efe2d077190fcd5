"""The call core: pure. No asyncio, no clock, no engine.

Events and `now` go in, commands and the next deadline come out.
"""
