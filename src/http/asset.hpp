#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/limits/http.hpp"
#include "base/result.hpp"
#include "http/content_encoding.hpp"
#include "http/response.hpp"

namespace vis::http {

/// One file as it is served: its bytes in up to three encodings. Immutable once read.
struct Asset {
  std::array<SharedBody, 3> bodies;  ///< By ContentEncoding.
  std::string hash;                  ///< Of the plain bytes, for ETags.

  const SharedBody& body(ContentEncoding encoding) const {
    return bodies[static_cast<std::size_t>(encoding)];
  }
  std::size_t bytes() const;

  /// Reads the file, takes `x.br` and `x.gz` beside it or compresses what is worth it. Slow: tens
  /// of milliseconds for a megabyte.
  static Result<Asset> read(const std::filesystem::path& file);
};

/// The media type for a file's extension; `application/octet-stream` for an unknown one.
std::string_view media_type_of(std::string_view file);

struct ListingLimits {
  std::size_t files = limits::kStaticFiles;
  std::size_t file_bytes = limits::kStaticFileBytes;
};
/// The regular files below `root`, as paths with `/` as separator. Hidden files, symbolic links
/// and the `.br` and `.gz` beside another file are left out. NotFound when `root` is no directory,
/// LimitExceeded with the name of the file that is too large or one too many.
using FileSet = std::set<std::string, std::less<>>;
Result<FileSet> list_files(const std::filesystem::path& root, const ListingLimits& most = {});

}  // namespace vis::http
