"""A program for pyftpdlib's environment: FTP inside TLS from the first byte on.

python implicit_ftps.py PORT FOLDER CERTIFICATE USER PASSWORD
"""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import TLS_FTPHandler
from pyftpdlib.servers import FTPServer


class Implicit(TLS_FTPHandler):
    tls_data_required = True

    def handle(self):
        self.secure_connection(self.get_ssl_context())

    def handle_ssl_established(self):
        super().handle()


def main():
    port, folder, certificate, user, password = sys.argv[1:]
    authorizer = DummyAuthorizer()
    authorizer.add_user(user, password, folder, perm="elradfmw")
    Implicit.authorizer, Implicit.certfile = authorizer, certificate
    FTPServer(("127.0.0.1", int(port)), Implicit).serve_forever()


if __name__ == "__main__":
    main()
