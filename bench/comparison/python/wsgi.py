# What gunicorn serves.
import time


def app(environ, start_response):
    body = environ["wsgi.input"]
    while body.read(65536):
        pass
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.4)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]
