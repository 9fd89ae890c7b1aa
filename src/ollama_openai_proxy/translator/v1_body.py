"""The JSON body of a `/v1` request: reading and replacing the model, dropping fields."""

from collections.abc import Collection

import msgspec

from ..json_decoding import InvalidJSON, decode_as

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode
_STRING = msgspec.json.Decoder(str)


class Fields:
    """The top-level fields of a body. Values are not decoded, so they are forwarded unchanged."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        try:
            self._fields = decode_as(_FIELDS, body)
        except InvalidJSON:
            self._fields = {}  # forwarded unchanged; the backend reports what is wrong with it

    @property
    def model(self) -> str | None:
        """The model's name, or None if it is missing or not a string."""
        try:
            return decode_as(_STRING, bytes(self._fields["model"]))
        except (KeyError, InvalidJSON):
            return None

    def encode(self, model: str | None, without: Collection[str] = ()) -> bytes:
        """Encode the body with `model` and without the fields in `without`.

        With None the model is not replaced. If nothing changes, the original bytes are returned.
        """
        changed = {name: raw for name, raw in self._fields.items() if name not in without}
        same = len(changed) == len(self._fields)
        if model is not None and model != self.model:
            changed["model"] = msgspec.Raw(_encode(model))
            same = False
        return self._body if same else _encode(changed)
