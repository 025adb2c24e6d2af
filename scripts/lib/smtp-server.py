#!/usr/bin/env python3
"""A real SMTP server for the tests of vestibule-smtp, which start it and end it by closing its standard input.

It listens on free ports of 127.0.0.1 and prints, one JSON object a line: first the ports,
{"plain": N, "starttls": N, "implicit": N}, then each message that it took. The account is user / secret.

  --cert FILE --key FILE      the certificate (PEM) of the two ports with TLS
  --auth                      refuse mail without signing in (not on the plain port)
  --answer STAGE=ANSWER       answer EHLO, AUTH, MAIL, RCPT or CONTENT so, such as RCPT=550 5.1.1 unknown
  --delay STAGE=SECONDS       answer only after a while
  --slow ADDRESS=SECONDS      answer RCPT for this address only after a while
"""

import argparse
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def by_stage(text):
    stage, _, value = text.partition("=")
    return stage, value


def emit(value):
    print(json.dumps(value), flush=True)


class Handler:
    def __init__(self, options, tls):
        self.answers = dict(options.answer)
        self.delays = dict(options.delay)
        self.slow = dict(options.slow)
        self.tls = tls

    async def answer(self, stage, otherwise):
        await asyncio.sleep(float(self.delays.get(stage, 0)))
        return self.answers.get(stage, otherwise)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        answer = await self.answer("EHLO", None)
        return [answer] if answer else responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = await self.answer("MAIL", "250 OK")
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        await asyncio.sleep(float(self.slow.get(address, 0)))
        answer = await self.answer("RCPT", "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = await self.answer("CONTENT", "250 taken")
        if answer.startswith("2"):
            emit({
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "content": envelope.content.decode("utf-8", "replace"),
                "tls": self.tls or session.ssl is not None,
                "user": session.auth_data,
                "hello": session.host_name,
            })
        return answer

    def authenticate(self, server, session, envelope, mechanism, data):
        if "AUTH" in self.answers:
            return AuthResult(success=False, handled=False, message=self.answers["AUTH"])
        if (data.login, data.password) == (b"user", b"secret"):
            return AuthResult(success=True, auth_data=data.login.decode())
        return AuthResult(success=False, handled=False)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--auth", action="store_true")
    parser.add_argument("--answer", action="append", default=[], type=by_stage)
    parser.add_argument("--delay", action="append", default=[], type=by_stage)
    parser.add_argument("--slow", action="append", default=[], type=by_stage)
    options = parser.parse_args()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.cert, options.key)
    loop = asyncio.get_running_loop()

    async def listen(handler, implicit=None, **settings):
        def connection():
            return SMTP(handler, hostname="smtp.test", authenticator=handler.authenticate, enable_SMTPUTF8=False,
                        **settings)

        server = await loop.create_server(connection, "127.0.0.1", 0, ssl=implicit)
        return server.sockets[0].getsockname()[1]

    ports = {
        "plain": await listen(Handler(options, False), auth_require_tls=False),
        "starttls": await listen(Handler(options, False), tls_context=context, auth_required=options.auth),
        # The library does not know that TLS is already there, and must be told that signing in is safe.
        "implicit": await listen(Handler(options, True), implicit=context, auth_require_tls=False,
                                 auth_required=options.auth),
    }
    emit(ports)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
