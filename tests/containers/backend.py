"""A fake OpenAI-compatible backend for a container. It only needs the standard library.

The last message of a chat sets the number of words of the response and the delay in seconds for
each word: `5 0.2` means five words, one every 0.2 s.
"""

import json
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = [{"id": name, "object": "model"} for name in ("gpt-4o", "text-embedding-3-small")]


def _chunk(model: str, reason: str | None = None, **delta: str) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
        "choices": [choice],
    }


def _completion(model: str, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
    }


def _embeddings(model: str, texts: list[str]) -> dict[str, Any]:
    data = [
        {"object": "embedding", "index": at, "embedding": [0.6, 0.8]} for at in range(len(texts))
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "model": model, "data": data, "usage": usage}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send_json({"object": "list", "data": MODELS})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        model = request["model"]
        if self.path.endswith("/embeddings"):
            self._send_json(_embeddings(model, request["input"]))
            return
        words, pause = _parse(request["messages"][-1]["content"])
        if request.get("stream"):
            self._stream(model, words, pause)
        else:
            time.sleep(words * pause)
            self._send_json(_completion(model, "word " * words))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name in the base class)
        pass

    def _send_json(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, model: str, words: int, pause: float) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        with suppress(ConnectionError):
            for _ in range(words):
                self._event(json.dumps(_chunk(model, content="word ")))
                time.sleep(pause)
            self._event(json.dumps(_chunk(model, "stop")))
            self._event("[DONE]")

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


def _parse(text: str) -> tuple[int, float]:
    try:
        words, pause = text.split()
        return int(words), float(pause)
    except ValueError:
        return 3, 0.0


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 8080), _Handler).serve_forever()
