"""The body of a request that passes through: what it asks for, and by which model."""

from collections.abc import Collection

import msgspec

from ..json_decoding import InvalidJSON, decode_as

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode
_TEXT = msgspec.json.Decoder(str)


class Fields:
    """The top-level fields of a body; the values are the bytes that they were sent as."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        try:
            self._fields = decode_as(_FIELDS, body)
        except InvalidJSON:
            self._fields = {}  # what is wrong with it, the backend says in its own words

    @property
    def model(self) -> str | None:
        """The name of the model, where there is one."""
        try:
            return decode_as(_TEXT, bytes(self._fields["model"]))
        except (KeyError, InvalidJSON):
            return None

    def encode(self, model: str | None, without: Collection[str] = ()) -> bytes:
        """The body with this model and `without` some fields; as it came where that is the same."""
        changed = {name: raw for name, raw in self._fields.items() if name not in without}
        same = len(changed) == len(self._fields)
        if model is not None and model != self.model:
            changed["model"] = msgspec.Raw(_encode(model))
            same = False
        return self._body if same else _encode(changed)
