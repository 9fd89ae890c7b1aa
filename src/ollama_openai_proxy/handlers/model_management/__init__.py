"""Operations on the set of models. Most are rejected, since the backend manages its models."""
