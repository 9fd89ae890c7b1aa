"""Settings: read from flags, environment and files once, at the start. No other package reads them."""
