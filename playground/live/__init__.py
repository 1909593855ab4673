"""The live view: a component, its frames, and the WebSocket that carries them."""
