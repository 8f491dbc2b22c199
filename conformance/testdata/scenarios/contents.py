"""Binary media types and content handling, each row of the tables of 4.21, and compression (4.22)."""
import base64
import gzip
import zlib

from kit import Api, Back, Server, enable_logs, finish, same

server = Server()
enable_logs(server)
given = {"answer": (b"", "")}
back = Back(lambda request: (200, {"Content-Type": given["answer"][1] or "application/octet-stream"}, given["answer"][0]))
raw, text, coded = b"\x00\xff\xfe\x80", b"aGVsbG8=", b"hello"
b64 = base64.b64encode

# Requests.
handlings = {"none": None, "text": "CONVERT_TO_TEXT", "binary": "CONVERT_TO_BINARY"}
for types in ([], ["image/png"]):
    api = Api(server, binaryMediaTypes=types)
    for name, handling in handlings.items():
        api.http("/" + name, "POST", back.url, **({"contentHandling": handling} if handling else {}))
        api.http("/response/" + name, "GET", back.url, responses={200: {"contentHandling": handling} if handling else {}})
    api.http("/template", "POST", back.url, requestTemplates={"image/png": "x$input.body", "text/plain": "x$input.body"})
    api.http("/response/template", "GET", back.url, responses={200: {"responseTemplates": {"application/json": "x$input.body"}}})
    api.deploy()
    for content_type, sent, wants in [
        ("text/plain", text, {"none": text, "text": text, "binary": coded}),
        ("image/png", raw, {"none": raw, "text": b64(raw), "binary": raw} if types else {}),
        ("image/png", text, {"none": text, "text": b64(text), "binary": text} if types else {"none": text, "text": text, "binary": coded}),
    ]:
        for name, want in wants.items():
            answer = api.call("/" + name, "POST", sent, {"Content-Type": content_type})
            same((answer.status, back.seen[-1].sent), (200, want), f"{types} {content_type} {name}")
    # Responses: (what the back end sends, its type, Accept, by handling).
    rows = [(text, "text/plain", "text/plain", {"none": text, "text": text, "binary": coded})]
    if types:
        rows += [(text, "text/plain", "image/png", {"none": coded, "text": text, "binary": coded}), (raw, "image/png", "text/plain", {"none": b64(raw), "text": b64(raw), "binary": raw}),
                 (raw, "image/png", "image/png", {"none": raw, "text": b64(raw), "binary": raw}), (raw, "image/png", "image/png,text/plain", {"none": raw}),
                 (raw, "image/png", "text/plain,image/png", {"none": b64(raw)})]
    for sent, content_type, accept, wants in rows:
        for name, want in wants.items():
            given["answer"] = sent, content_type
            same(api.call("/response/" + name, headers={"Accept": accept}).body, want, f"{types} {content_type} for {accept} {name}")
    given["answer"] = b"no base64!", "text/plain"
    answer = api.call("/response/binary", headers={"Accept": "text/plain"})
    same((answer.status, answer.text), (500, '{"message": "Internal server error"}'))
    same(api.entry(answer)["error.responseType"], "API_CONFIGURATION_ERROR")
    same(api.call("/binary", "POST", "no base64!", {"Content-Type": "text/plain"}).status, 500)
    if types:
        same(api.call("/template", "POST", raw, {"Content-Type": "image/png"}).status, 500, "binary in a template")
        given["answer"] = raw, "image/png"
        same(api.call("/response/template", headers={"Accept": "image/png"}).status, 500, "binary in a response template")
    same(api.call("/template", "POST", "t", {"Content-Type": "text/plain"}).status, 200)
    same(back.seen[-1].sent, b"xt")

api = Api(server, binaryMediaTypes=["*/*"])
api.http("/", "POST", back.url)
api.deploy()
given["answer"] = raw, "text/plain"
same((api.call("/", "POST", raw, {"Content-Type": "text/plain"}).body, back.seen[-1].sent), (raw, raw))

# Compression.
api = Api(server, minimumCompressionSize=100)
api.http("/", "POST", back.url)
api.http("/proxy", "POST", back.url, type="HTTP_PROXY", responses={})
api.http("/template", "POST", back.url, requestTemplates={"application/json": "$input.body"})
api.deploy()
long, short = b"long" * 50, b"short"
undo = {"gzip": gzip.decompress, "deflate": lambda b: zlib.decompress(b, zlib.MAX_WBITS) if b[0] == 0x78 else zlib.decompress(b, -zlib.MAX_WBITS)}
for body, accept, want in [(long, "gzip", "gzip"), (long, "deflate", "deflate"), (long, "gzip, deflate;q=0.5", "gzip"), (long, "identity", None), (long, None, None), (long, "br", None), (long, "gzip;q=0", None),
                           (long, "*", "gzip"), (short, "gzip", None)]:
    given["answer"] = body, "text/plain"
    answer = api.call("/", "POST", "", {"Accept-Encoding": accept} if accept else {})
    same((answer["Content-Encoding"], undo.get(want, bytes)(answer.body)), (want, body), f"{len(body)} {accept}")
same(api.entry(api.call("/", "POST", "", {"Accept-Encoding": "gzip"}))["status"], "200")
for coding, sent in {"gzip": gzip.compress(long), "deflate": zlib.compress(long), "identity": long}.items():
    for path in ("/", "/proxy", "/template"):
        answer = api.call(path, "POST", sent, {"Content-Encoding": coding, "Content-Type": "application/json"})
        same((answer.status, back.seen[-1].sent), (200, long), coding + path)
answer = api.call("/", "POST", b"x", {"Content-Encoding": "br"})
same((answer.status, answer.text), (415, '{"message": "Unsupported Media Type"}'))
same(api.call("/", "POST", b"not gzip", {"Content-Encoding": "gzip"}).status, 400)
finish()
