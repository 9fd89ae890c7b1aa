// A file of its own, since the page's policy forbids scripts inside it.
const page = document.getElementById("page");
SwaggerUIBundle({
  domNode: page,
  url: new URL(page.dataset.document, location.href).href, // shown in full
  validatorUrl: null, // else it is sent to a service on the internet
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0, // the list of schemas is there, but closed
});
