// In which form a Sender sends sound.

#include "media/sfu/receiver.hpp"
#include "media/sfu/sender.hpp"
#include "media/sfu/sound_form.hpp"

namespace vis::media::sfu {

void Sender::set_repeats(std::size_t repeats) {
  repeats_ = repeats;
  choose_sound_form();
}

/// What a publisher repeats need not be written anew, unless the path asks for more.
void Sender::choose_sound_form() {
  const bool published_in_red = receiver_.codec_kind() == CodecKind::Red;
  const std::size_t published = published_in_red && !takes_plain_ ? kPublishedRepeats : 0;
  sound_form_ = takes_plain_ ? SoundForm::Plain : SoundForm::AsPublished;
  if (red_payload_type_ && repeats_ > published) sound_form_ = repeating(repeats_);
  payload_type_ = repeats_of(sound_form_) == 0 ? agreed_payload_type_ : *red_payload_type_;
}

congestion::BitRate Sender::sound_rate(congestion::BitRate published) const {
  const std::size_t repeats = repeats_of(sound_form_);
  if (repeats == 0) return published;
  const bool published_in_red = receiver_.codec_kind() == CodecKind::Red;
  const std::size_t before = 1 + (published_in_red ? kPublishedRepeats : 0);
  return published * (static_cast<double>(1 + repeats) / static_cast<double>(before));
}

}  // namespace vis::media::sfu
