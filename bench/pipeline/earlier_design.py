"""The earlier design of this auction, rebuilt as a yardstick: one process of Flask-SocketIO on eventlet, with OpenSSL's cryptography.

For each frame it opens and verifies a command of its own, because what bidders send is sealed to the house: one X25519 agreement, HKDF,
AES-256-GCM, and two signatures with P-256, the bidder's and the timestamp authority's. It keeps in memory who leads, tells everybody, and
acknowledges. Nothing is recorded, and there are no receipts. Tuned: what is told is encoded once for all, keys are parsed once.

Arguments: the home of the node whose certificate it shows. Prints its address when it listens.
"""
import json
import os
import signal
import socket
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import cycle
from uuid import uuid4

import eventlet
import eventlet.websocket
import eventlet.wsgi
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eventlet.hubs import trampoline
from flask import Flask
from flask_socketio import SocketIO
from socketio.packet import EVENT, Packet

BIDDERS = 50
COMMANDS_OF_EACH = 8
RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
ES256 = ec.ECDSA(hashes.SHA256())
# As long as the bidders' own envelopes: what a certificate and a token take there.
FILLER = "x" * 700


def encode(data):
    return urlsafe_b64encode(data).rstrip(b"=")


def decode(text):
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def sign(key, claims):
    signed = encode(b'{"alg":"ES256"}') + b"." + encode(json.dumps(claims).encode())
    r, s = decode_dss_signature(key.sign(signed, ES256))
    return signed + b"." + encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def verify(key, jws):
    signed, signature = jws.encode().rsplit(b".", 1)
    raw = decode(signature)
    key.verify(encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")), signed, ES256)
    return json.loads(decode(signed.split(b".")[1]))


def key_from(shared):
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=None).derive(shared)


def seal_to(public, plaintext):
    ephemeral, nonce = X25519PrivateKey.generate(), os.urandom(12)
    key = key_from(ephemeral.exchange(public))
    return ephemeral.public_key().public_bytes(*RAW) + nonce + AESGCM(key).encrypt(nonce, plaintext, None)


def open_sealed(private, sealed):
    key = key_from(private.exchange(X25519PublicKey.from_public_bytes(sealed[:32])))
    return AESGCM(key).decrypt(sealed[32:44], sealed[44:], None)


sealing, authority = X25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())
stamping_key = authority.public_key()


def commands_of_one():
    """What a bidder sends, and the key that signed it."""
    own = ec.generate_private_key(ec.SECP256R1())
    for _ in range(COMMANDS_OF_EACH):
        claims = {"id": str(uuid4()), "lot": str(uuid4()), "type": "bid"}
        envelope = {"statement": sign(own, claims), "timestamp": sign(authority, {"time": time.time(), "filler": FILLER})}
        text = json.dumps({name: jws.decode() for name, jws in envelope.items()}).encode()
        yield encode(seal_to(sealing.public_key(), text)), own.public_key()


commands = cycle([one for _ in range(BIDDERS) for one in commands_of_one()])
leading, closes_at = {}, time.time() + 86_400
# Nobody packs what is a few hundred bytes long.
eventlet.websocket.WebSocketWSGI._parse_extension_header = lambda self, header: None
app = Flask(__name__)
io = SocketIO(app, async_mode="eventlet", transports=["websocket"])
server = io.server


def tell_all(name, data):
    """`emit` would encode it for each again."""
    text = Packet(EVENT, namespace="/", data=[name, data]).encode()
    for _, connection in server.manager.get_participants("/", None):
        server.eio.send(connection, text)


@server.on("command")
def on_command(_sid, _frame):
    sealed, public = next(commands)
    envelope = json.loads(open_sealed(sealing, decode(sealed)))
    bid, stamp = verify(public, envelope["statement"]), verify(stamping_key, envelope["timestamp"])
    # The same commands come again and again: each is for more than the last.
    amount = leading.get("amount", 0) + 1
    if stamp["time"] >= closes_at:
        return {"outcome": "rejected", "reason": "lot-closed"}
    leading.update(amount=amount, time=stamp["time"], lot=bid["lot"])
    tell_all("bid_accepted", {"lot": bid["lot"], "amount": amount, "time": stamp["time"]})
    return {"outcome": "accepted", "id": bid["id"]}


def end_with_the_bench(channel):
    """Node's channel to its child closes when the bench is gone."""
    while True:
        trampoline(channel, read=True)
        if not os.read(channel, 4096):
            os._exit(0)


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
eventlet.spawn(end_with_the_bench, int(os.environ["NODE_CHANNEL_FD"]))
home = sys.argv[1] + "/dms/"
plain = eventlet.listen(("127.0.0.1", 0))
plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(json.dumps({"listening": f"https://localhost:{plain.getsockname()[1]}"}), flush=True)
listener = eventlet.wrap_ssl(plain, certfile=home + "node-certificate.pem", keyfile=home + "node-key.pem", server_side=True)
eventlet.wsgi.server(listener, app, log_output=False)
