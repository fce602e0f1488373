#pragma once

#include <optional>
#include <string>
#include <string_view>

/// SDP as this folder handles it: lines. What they mean together is the business of media.
namespace vis::api::whip {

struct TrickleFragment;

inline constexpr std::string_view kAttributePrefix = "a=";

/// Takes a line off the front of `rest`, without its CRLF or LF.
std::string_view next_line(std::string_view& rest);
/// What follows `a=NAME:`, if the line is that attribute.
std::optional<std::string_view> attribute(std::string_view line, std::string_view name);

/// The offer with other ICE credentials and the candidates that belong to them: as the client would
/// write it to restart ICE (RFC 9725 section 4.3.3 has it send the difference alone).
std::string with_ice(std::string_view offer, const TrickleFragment& fragment);

/// A player may offer sections as sendrecv; nothing is expected of it there.
std::string receiving_only(std::string_view offer);

/// The server's ICE credentials and candidates in an answer.
TrickleFragment ice_of(std::string_view answer);
/// The mid of the first section, whose transport all share.
std::string first_mid(std::string_view description);

}  // namespace vis::api::whip
