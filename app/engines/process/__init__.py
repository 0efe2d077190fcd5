"""An engine in a process of its own: a crash or a hang of its model costs a caller one sentence, not the server.

Parent: `HostedTts` (hosted.py) keeps a child alive through one `Link` (link.py) after the other. Child: child.py. They
exchange the frames of messages.py over a socket pair, so what a library prints disturbs nothing.
"""
