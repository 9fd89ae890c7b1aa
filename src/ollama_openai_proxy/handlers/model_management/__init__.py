"""Operations that change which models exist: the backend owns its models, so most are refused."""
