#pragma once

#include <filesystem>
#include <string>

#include "http/server.hpp"

namespace vis::http {

/// A directory of its own for a test, removed at its end.
class TemporaryDirectory final {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::filesystem::path& file, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

/// Writes a self-signed P-256 certificate for `localhost` and 127.0.0.1 under that common name.
TlsFiles write_certificate(const TemporaryDirectory& directory, const std::string& name);

}  // namespace vis::http
