// A service as web workers have it, for jco componentize.

addEventListener("fetch", (event) => event.respondWith(answer(event.request)));

async function answer(request) {
  const url = new URL(request.url);
  switch (url.pathname) {
    case "/":
      return new Response(`hello from JavaScript, ${request.method}\n`, {
        headers: { "content-type": "text/plain", "x-seen": request.headers.get("x-asked") ?? "nothing" },
      });
    case "/echo":
      return new Response(request.body);
    case "/fetch": {
      const got = await fetch(url.searchParams.get("url"));
      return new Response(`fetched ${got.status}: ${await got.text()}`);
    }
    case "/throw":
      throw new Error("on purpose");
  }
  return new Response("nothing here\n", { status: 404 });
}
