// In a separate file, since the Content-Security-Policy of the page forbids inline scripts.
const page = document.getElementById("page");
SwaggerUIBundle({
  domNode: page,
  url: new URL(page.dataset.document, location.href).href, // absolute, since the page displays it
  validatorUrl: null, // do not send the document to an online validator
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0, // show the list of schemas collapsed
});
