"""Counts its visits in the database."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2


def count_visit(path):
    # "db" is the link in reyns.ts.
    connection = psycopg2.connect(
        host="db", user="postgres", password=os.environ["POSTGRES_PASSWORD"]
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("insert into visits (path) values (%s)", [path])
            cursor.execute("select count(*) from visits")
            return cursor.fetchone()[0]
    finally:
        connection.close()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "ok")
        try:
            self.answer(200, f"visit {count_visit(self.path)}")
        except psycopg2.errors.UndefinedTable:
            self.answer(503, "no tables yet: run reyns do migrate")
        except psycopg2.Error as error:
            self.answer(503, f"database error: {error}")

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"{text}\n".encode())


ThreadingHTTPServer(("", 8080), Handler).serve_forever()
