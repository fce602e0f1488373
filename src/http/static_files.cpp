#include "http/static_files.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/blocking_pool.hpp"
#include "base/log.hpp"
#include "http/asset.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

namespace fs = std::filesystem;

ContentEncoding choose_encoding(const Asset& asset, std::string_view accept_encoding) {
  for (const auto encoding : {ContentEncoding::Brotli, ContentEncoding::Gzip}) {
    if (asset.body(encoding) && accepts(accept_encoding, encoding)) return encoding;
  }
  return ContentEncoding::Identity;
}

std::string etag_of(const Asset& asset, ContentEncoding encoding) {
  const std::string_view name = to_string(encoding);
  return fmt::format("\"{}{}{}\"", asset.hash, name.empty() ? "" : "-", name);
}

/// RFC 9110 13.1.2, where even strong tags compare weakly.
bool matches_none_of(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view candidate = trim(take_until(if_none_match, ','));
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == "*" || candidate == etag) return false;
  }
  return true;
}

bool has_extension(std::string_view path) { return path.substr(path.rfind('/') + 1).contains('.'); }

Response not_found() {
  return problem_response({.status = 404, .code = "not_found", .detail = "no such page"});
}

void add_policy(Headers& headers, const PagePolicy& policy) {
  headers.add("Content-Security-Policy", policy.content_security_policy());
  headers.add("Permissions-Policy",
              "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), "
              "fullscreen=(self), geolocation=(), payment=(), usb=()");
  headers.add("Referrer-Policy", "strict-origin-when-cross-origin");
}

}  // namespace

std::string PagePolicy::content_security_policy() const {
  return fmt::format(
      "default-src 'self'; script-src 'self'{}{}; style-src 'self' 'unsafe-inline'; "
      "img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
      "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; "
      "frame-ancestors {}",
      script_extra.empty() ? "" : " ", script_extra, frame_ancestors);
}

class StaticFiles::Impl final {
 public:
  Impl(fs::path root, FileSet files) : root_(std::move(root)), files_(std::move(files)) {}

  void mount(Router& router, Mount mount);
  bool has(std::string_view file) const { return files_.contains(file); }

 private:
  std::optional<std::string> find(const Mount& mount, std::string_view rest) const;
  Task<Response> serve(Request request, const Mount* mount);
  /// Shared by the cache and the handlers that build a response from it.
  using SharedAsset = std::shared_ptr<const Asset>;

  Task<Result<SharedAsset>> load(std::string file);

  const fs::path root_;
  const FileSet files_;
  std::vector<std::unique_ptr<Mount>> mounts_;
  std::map<std::string, SharedAsset> cache_;
  std::size_t cache_bytes_ = 0;
  BlockingPool helper_{{.name = "static-files", .threads = 1}};
};

void StaticFiles::Impl::mount(Router& router, Mount mount) {
  mounts_.push_back(std::make_unique<Mount>(std::move(mount)));
  const Mount* const mounted = mounts_.back().get();
  const std::string pattern = mounted->prefix == "/" ? "/*" : mounted->prefix + "/*";
  router.add(
      Method::Get, pattern,
      [this, mounted](Request request) { return serve(std::move(request), mounted); },
      mounted->route);
}

/// The file that answers what stands below the mount's prefix.
std::optional<std::string> StaticFiles::Impl::find(const Mount& mount,
                                                   std::string_view rest) const {
  std::string file = mount.directory;
  if (!file.empty()) file += '/';
  file += rest;
  if (has(file)) return file;
  const bool is_page = rest.empty() || (mount.page_answers_all && !has_extension(rest));
  if (is_page && has(mount.page)) return mount.page;
  return std::nullopt;
}

Task<Response> StaticFiles::Impl::serve(Request request, const Mount* mount) {
  const auto file = find(*mount, request.parameters.get("*"));
  if (!file) co_return not_found();
  const auto loaded = co_await load(*file);
  if (!loaded) co_return problem_response(loaded.error());
  const SharedAsset& asset = *loaded;

  const auto encoding = choose_encoding(*asset, request.headers.get("Accept-Encoding"));
  const std::string etag = etag_of(*asset, encoding);
  const bool immutable = !mount->immutable.empty() && file->starts_with(mount->immutable);
  Response response;
  response.headers.add("ETag", etag);
  response.headers.add("Vary", "Accept-Encoding");
  response.headers.add("Cache-Control",
                       immutable ? "public, max-age=31536000, immutable" : "no-cache");
  add_policy(response.headers, mount->policy);
  if (!matches_none_of(request.headers.get("If-None-Match"), etag)) {
    response.status = 304;
    co_return response;
  }
  response.headers.add("Content-Type", media_type_of(*file));
  if (encoding != ContentEncoding::Identity) {
    response.headers.add("Content-Encoding", to_string(encoding));
  }
  response.shared_body = asset->body(encoding);
  co_return response;
}

Task<Result<StaticFiles::Impl::SharedAsset>> StaticFiles::Impl::load(std::string file) {
  if (const auto cached = cache_.find(file); cached != cache_.end()) co_return cached->second;
  auto job = [path = root_ / file] { return Asset::read(path); };
  auto read = co_await helper_.run(std::move(job));
  if (!read) {
    log::warning("http.file_unreadable", {{"file", file}, {"reason", read.error()}});
    co_return fail(read.error().code, "this page cannot be read now");
  }
  auto asset = std::make_shared<const Asset>(std::move(*read));
  if (asset->bytes() <= limits::kStaticCacheBytes - cache_bytes_ &&
      cache_.emplace(std::move(file), asset).second) {
    cache_bytes_ += asset->bytes();
  }
  co_return asset;
}

Result<std::unique_ptr<StaticFiles>> StaticFiles::open(const fs::path& root) {
  auto files = list_files(root);
  if (!files) return std::unexpected(files.error());
  return std::make_unique<StaticFiles>(std::make_unique<Impl>(root, std::move(*files)));
}

StaticFiles::StaticFiles(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StaticFiles::~StaticFiles() = default;

void StaticFiles::mount(Router& router, Mount mount) { impl_->mount(router, std::move(mount)); }
bool StaticFiles::has(std::string_view file) const { return impl_->has(file); }

}  // namespace vis::http
