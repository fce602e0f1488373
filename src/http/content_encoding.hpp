#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vis::http {

enum class ContentEncoding : std::uint8_t { Identity, Gzip, Brotli };

/// `br`, `gzip`, or empty for the identity.
std::string_view to_string(ContentEncoding encoding);

/// Whether an Accept-Encoding value takes the coding (RFC 9110 12.5.3): named or matched by `*`,
/// with a weight above zero.
bool accepts(std::string_view accept_encoding, ContentEncoding encoding);

/// For files that are compressed once and sent often.
std::string gzip_compress(std::string_view plain);
std::string brotli_compress(std::string_view plain);

}  // namespace vis::http
