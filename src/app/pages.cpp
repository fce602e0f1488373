#include "app/pages.hpp"

#include <array>
#include <string>
#include <system_error>

namespace vis::app {
namespace {

namespace fs = std::filesystem;

/// As installed, and as built: `build/<preset>/visavis` with the pages in `web/dist`.
constexpr std::array<std::string_view, 2> kPlaces{"../share/visavis/web", "../../web/dist"};

/// Any page of another origin may look whether the server is there; nothing here is private.
http::RouteOptions public_to_all() { return {.cors = http::Cors::Reflect}; }

Task<http::Response> answer_ok(http::Request) { co_return http::text_response(200, "OK"); }

bool has_pages(const fs::path& directory) {
  std::error_code ignored;
  return fs::is_regular_file(directory / "index.html", ignored);
}

}  // namespace

Result<fs::path> find_pages(const fs::path& configured) {
  if (!configured.empty()) {
    if (has_pages(configured)) return configured;
    return fail(Errc::NotFound, "http.pages: there is no index.html in " + configured.string());
  }
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  for (const std::string_view place : kPlaces) {
    fs::path directory = (program.parent_path() / place).lexically_normal();
    if (!failure && has_pages(directory)) return directory;
  }
  return fail(Errc::NotFound, "the web pages are not built; `npm run build` in web/ makes them");
}

void mount_pages(http::StaticFiles& files, http::Router& router) {
  files.mount(router, {.prefix = "/", .page = "index.html", .route = public_to_all()});
  for (const char* const prefix : {"/meet", "/portal"}) {
    files.mount(router, {.prefix = prefix, .page = "index.html", .page_answers_all = true});
  }
}

void mount_sign_of_life(std::string_view path, http::Router& router) {
  std::string base(path);
  if (!base.empty()) router.add(http::Method::Get, base, answer_ok, public_to_all());
  router.add(http::Method::Get, base + "/", answer_ok, public_to_all());
}

}  // namespace vis::app
