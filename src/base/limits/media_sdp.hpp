#pragma once

#include <cstddef>

/// Limits of `media/sdp`. Each limit has a test at the limit and one past it.
namespace vis::limits {

/// A browser in single mode repeats about 4.5 kB for each section it ever opened.
inline constexpr std::size_t kSdpBytes = 1024 * 1024;
inline constexpr std::size_t kSdpLineBytes = 4096;
inline constexpr std::size_t kSdpSections = 200;
/// Payload types are 7 bits wide.
inline constexpr std::size_t kSdpPayloadTypes = 128;
/// How often one attribute may come in one section, or one list inside an attribute go on.
inline constexpr std::size_t kSdpRepeats = 128;
/// Kinds of RTCP feedback for one payload type; `*` repeats a line for each of them.
inline constexpr std::size_t kSdpFeedback = 16;
/// A mid or rid; both must also fit a header extension.
inline constexpr std::size_t kSdpTokenBytes = 64;

}  // namespace vis::limits
