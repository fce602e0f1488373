#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace vis::media::sfu {

/// How a track of sound is written for one subscriber. Each form is made once per packet for all
/// who take it.
enum class SoundForm : std::uint8_t {
  AsPublished,
  Plain,         ///< Opus, of a track that is published in RED.
  RepeatsOne,    ///< In RED (RFC 2198), with the packet before, ...
  RepeatsTwo,    ///< ... the two before,
  RepeatsThree,  ///< ... or the three before.
};
inline constexpr std::array kMadeSoundForms{SoundForm::Plain, SoundForm::RepeatsOne,
                                            SoundForm::RepeatsTwo, SoundForm::RepeatsThree};
inline constexpr std::size_t kMaxRepeats = 3;
/// What browsers that publish in RED repeat.
inline constexpr std::size_t kPublishedRepeats = 1;

/// How many packets before it a packet repeats, as far as that is our doing.
constexpr std::size_t repeats_of(SoundForm form) {
  switch (form) {
    case SoundForm::AsPublished:
    case SoundForm::Plain: return 0;
    case SoundForm::RepeatsOne: return 1;
    case SoundForm::RepeatsTwo: return 2;
    case SoundForm::RepeatsThree: return 3;
  }
  std::unreachable();
}

constexpr SoundForm repeating(std::size_t packets) {
  if (packets == 0) return SoundForm::AsPublished;
  if (packets == 1) return SoundForm::RepeatsOne;
  return packets == 2 ? SoundForm::RepeatsTwo : SoundForm::RepeatsThree;
}

/// A few of the forms.
class SoundForms final {
 public:
  void add(SoundForm form) { bits_ |= bit(form); }
  bool has(SoundForm form) const { return (bits_ & bit(form)) != 0; }
  bool none() const { return bits_ == 0; }

 private:
  static constexpr unsigned bit(SoundForm form) { return 1U << std::to_underlying(form); }
  unsigned bits_ = 0;
};

}  // namespace vis::media::sfu
