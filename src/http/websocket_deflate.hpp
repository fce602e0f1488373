#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace vis::http {

/// RFC 7692 permessage-deflate, always without context takeover: a message is compressed on its
/// own, so an idle socket holds no window and what one message says cannot leak into the size of
/// the next.

/// Whether one of the client's offers can be accepted as we speak the extension.
bool accepts_deflate_offer(std::string_view extensions);
/// What the response says then.
inline constexpr std::string_view kDeflateAgreement =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Inflates messages. zlib's state is made at the first use and used again.
class Inflater final {
 public:
  Inflater();
  ~Inflater();

  /// LimitExceeded when it inflates to more than `bytes_max`, InvalidArgument for broken data.
  Result<std::string> inflate(std::string_view compressed, std::size_t bytes_max);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Deflates messages, likewise.
class Deflater final {
 public:
  Deflater();
  ~Deflater();

  std::string deflate(std::string_view plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vis::http
