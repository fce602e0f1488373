#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/limits/http.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/router.hpp"

namespace vis::http {

/// The Content-Security-Policy of our pages. Mantine writes style elements at run time, hence
/// 'unsafe-inline' for styles; `script_extra` is for pages that need WebAssembly
/// (`'wasm-unsafe-eval'`), `frame_ancestors` for pages that others embed.
struct PagePolicy {
  std::string frame_ancestors = "'none'";
  std::string script_extra = {};

  std::string content_security_policy() const;
};

struct Mount {
  std::string prefix = "/";  ///< In the URL, such as `/meet`; without a trailing slash but for `/`.
  std::string directory = {};  ///< Below the root; empty for the root itself.
  std::string page = {};       ///< File below the root that answers `prefix` itself: `meet.html`.
  bool page_answers_all = false;  ///< `page` also answers what names no file and has no extension.
  std::string immutable = "assets/";  ///< Files below it carry a hash in their names.
  PagePolicy policy = {};
  RouteOptions route = {};
};

/// Serves the files of one directory, such as the built web pages. The directory is listed once,
/// in open(): a request can only name what that list holds, so no path leads out of it. Contents
/// are read at the first request, compressed (or taken from `x.br` and `x.gz` beside) on a helper
/// thread, and kept up to `limits::kStaticCacheBytes`; past that a file is read at each request.
/// Strong ETags per encoding, 304, HEAD; no ranges. Outlives the servers that route to it,
/// and goes before their io_context.
class StaticFiles final {
  class Impl;

 public:
  /// NotFound when `root` is no directory, LimitExceeded for too many or too large files.
  static Result<std::unique_ptr<StaticFiles>> open(const std::filesystem::path& root);
  explicit StaticFiles(std::unique_ptr<Impl> impl);  ///< For open().
  ~StaticFiles();
  StaticFiles(const StaticFiles&) = delete;
  StaticFiles& operator=(const StaticFiles&) = delete;

  /// Routes GET of `prefix` and all below it here.
  void mount(Router& router, Mount mount);

  /// Whether `file`, a path below the root, exists.
  bool has(std::string_view file) const;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace vis::http
