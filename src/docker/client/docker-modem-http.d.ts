declare module "docker-modem/lib/http.js" {
  const http: {
    /** How many redirects of the Engine its requests follow. */
    maxRedirects: number;
  };
  export default http;
}
