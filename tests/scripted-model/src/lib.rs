//! A model service on loopback that answers from a script: real HTTP, SSE and WebSocket, on every wire we speak.
