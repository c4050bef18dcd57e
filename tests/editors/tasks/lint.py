"""A language server that reports one mistake: stands for the linters that people have beside Ropewalk.

Reports every `nmae` as an undefined name, for the document as it is after each change.
"""

import json
import re
import sys


def read():
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, value = line.split(b":", 1)
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def write(message):
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


def mistakes(text):
    for number, line in enumerate(text.split("\n")):
        for found in re.finditer(r"\bnmae\b", line):
            start = {"line": number, "character": found.start()}
            end = {"line": number, "character": found.end()}
            yield {
                "range": {"start": start, "end": end},
                "severity": 1,
                "source": "lint",
                "code": "undefined-name",
                "message": "undefined name `nmae`",
            }


def report(uri, text):
    write({"method": "textDocument/publishDiagnostics", "params": {"uri": uri, "diagnostics": list(mistakes(text))}})


def main():
    while message := read():
        method, params = message.get("method"), message.get("params") or {}
        if method == "initialize":
            write({"id": message["id"], "result": {"capabilities": {"textDocumentSync": 1, "positionEncoding": "utf-16"}}})
        elif method == "shutdown":
            write({"id": message["id"], "result": None})
        elif method == "exit":
            return
        elif method == "textDocument/didOpen":
            report(params["textDocument"]["uri"], params["textDocument"]["text"])
        elif method == "textDocument/didChange":
            report(params["textDocument"]["uri"], params["contentChanges"][-1]["text"])
        elif "id" in message and method:
            write({"id": message["id"], "error": {"code": -32601, "message": method}})


main()
