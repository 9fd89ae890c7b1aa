"""Generated from specs/ by scripts/generate; do not edit."""
