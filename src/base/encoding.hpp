#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace vis {

/// RFC 4648. Decoders refuse any character outside their alphabet; base64 decoders accept missing
/// padding, since half of the world's tokens lack it.
std::string base64_encode(Bytes bytes);
std::string base64url_encode(Bytes bytes);  ///< Without padding.
std::optional<ByteVector> base64_decode(std::string_view text);
std::optional<ByteVector> base64url_decode(std::string_view text);

/// Lower-case hexadecimal.
std::string hex_encode(Bytes bytes);
std::optional<ByteVector> hex_decode(std::string_view text);

/// Whether both hold the same bytes, in time that depends on the lengths alone.
bool constant_time_equal(Bytes a, Bytes b);

/// Whether `text` is well-formed UTF-8 without embedded NUL.
bool is_valid_text(std::string_view text);

}  // namespace vis
