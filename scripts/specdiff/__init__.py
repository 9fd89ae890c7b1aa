"""Reports changes in upstream's OpenAPI files since our specifications were last compared with them."""
