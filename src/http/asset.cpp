#include "http/asset.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/bytes.hpp"
#include "base/encoding.hpp"
#include "base/limits/http.hpp"
#include "http/text.hpp"

namespace vis::http {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCompressBytesMin = 1024;

struct Type {
  std::string_view extension;
  std::string_view media_type;
  bool compressible = false;
};
constexpr std::array kTypes = {
    Type{"html", "text/html; charset=utf-8", true},
    Type{"js", "text/javascript; charset=utf-8", true},
    Type{"mjs", "text/javascript; charset=utf-8", true},
    Type{"css", "text/css; charset=utf-8", true},
    Type{"json", "application/json", true},
    Type{"map", "application/json", true},
    Type{"webmanifest", "application/manifest+json", true},
    Type{"svg", "image/svg+xml", true},
    Type{"txt", "text/plain; charset=utf-8", true},
    Type{"md", "text/markdown; charset=utf-8", true},
    Type{"xml", "application/xml", true},
    Type{"yaml", "application/yaml", true},
    Type{"wasm", "application/wasm", true},
    Type{"ico", "image/x-icon", true},
    Type{"png", "image/png"},
    Type{"jpg", "image/jpeg"},
    Type{"jpeg", "image/jpeg"},
    Type{"gif", "image/gif"},
    Type{"webp", "image/webp"},
    Type{"avif", "image/avif"},
    Type{"woff2", "font/woff2"},
    Type{"woff", "font/woff"},
    Type{"mp3", "audio/mpeg"},
    Type{"ogg", "audio/ogg"},
    Type{"wav", "audio/wav"},
    Type{"mp4", "video/mp4"},
    Type{"webm", "video/webm"},
    Type{"pdf", "application/pdf"},
};

const Type* type_of(std::string_view file) {
  const std::string extension = to_lower(file.substr(file.rfind('.') + 1));
  const auto found = std::ranges::find(kTypes, extension, &Type::extension);
  return found == kTypes.end() ? nullptr : &*found;
}

std::optional<std::string> read_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string content((std::istreambuf_iterator<char>(stream)), {});
  if (stream.bad() || content.size() > limits::kStaticFileBytes) return std::nullopt;
  return content;
}

SharedBody encoded_beside(const fs::path& file, const char* suffix) {
  auto content = read_file(fs::path(file) += suffix);
  return content ? std::make_shared<const std::string>(std::move(*content)) : nullptr;
}

/// Nothing when compression gains less than a twentieth.
SharedBody worth_it(std::string compressed, const std::string& plain) {
  if (compressed.size() > plain.size() - plain.size() / 20) return nullptr;
  return std::make_shared<const std::string>(std::move(compressed));
}

bool is_encoded_twin(const fs::path& path) {
  const fs::path extension = path.extension();
  if (extension != ".br" && extension != ".gz") return false;
  std::error_code ignored;
  return fs::exists(fs::path(path).replace_extension(), ignored);
}

}  // namespace

std::size_t Asset::bytes() const {
  std::size_t total = 0;
  for (const auto& body : bodies) total += body ? body->size() : 0;
  return total;
}

Result<Asset> Asset::read(const fs::path& file) {
  auto plain = read_file(file);
  if (!plain) return fail(Errc::NotFound, "cannot read " + file.string());

  Asset asset;
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(as_bytes(*plain).data(), plain->size(), digest.data());
  asset.hash = base64url_encode(Bytes(digest).first(12));

  auto gzip = encoded_beside(file, ".gz");
  auto brotli = encoded_beside(file, ".br");
  const Type* const type = type_of(file.filename().string());
  if (type != nullptr && type->compressible && plain->size() >= kCompressBytesMin) {
    if (!gzip) gzip = worth_it(gzip_compress(*plain), *plain);
    if (!brotli) brotli = worth_it(brotli_compress(*plain), *plain);
  }
  asset.bodies = {std::make_shared<const std::string>(std::move(*plain)), std::move(gzip),
                  std::move(brotli)};
  return asset;
}

std::string_view media_type_of(std::string_view file) {
  const Type* const type = type_of(file);
  return type != nullptr ? type->media_type : "application/octet-stream";
}

Result<FileSet> list_files(const fs::path& root, const ListingLimits& most) {
  FileSet files;
  std::error_code failure;
  fs::recursive_directory_iterator place(root, failure);
  if (failure) {
    return fail(Errc::NotFound, fmt::format("{}: {}", root.string(), failure.message()));
  }
  for (; place != fs::end(place); place.increment(failure)) {
    const fs::directory_entry& entry = *place;
    if (entry.path().filename().string().starts_with('.')) {
      place.disable_recursion_pending();
      continue;
    }
    if (entry.is_symlink(failure) || !entry.is_regular_file(failure)) continue;
    if (is_encoded_twin(entry.path())) continue;
    if (entry.file_size(failure) > most.file_bytes) {
      return fail(Errc::LimitExceeded, entry.path().string() + ": too large to be served");
    }
    if (files.size() == most.files) {
      return fail(Errc::LimitExceeded, entry.path().string() + ": one file too many");
    }
    files.insert(entry.path().lexically_relative(root).generic_string());
  }
  return files;
}

}  // namespace vis::http
