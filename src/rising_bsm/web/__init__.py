"""HTTP: the only room that knows it. Routes, signing in, errors as answers, and the server."""
