#include "media/sfu/red_packer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/byte_order.hpp"
#include "base/limits/media_sfu.hpp"
#include "media/negotiation/capabilities.hpp"
#include "media/rtp/red.hpp"
#include "media/sfu/sound_form.hpp"

namespace vis::media::sfu {
namespace {

using testing::ElementsAre;

constexpr TimePoint kNow{std::chrono::hours{1}};
constexpr std::size_t kHeaderBytes = 12;

/// A stream of sound with its store, and what is made of its packets.
class Stream {
 public:
  explicit Stream(CodecKind codec = CodecKind::Opus) : packer_(slabs_, store_, codec) {}

  struct Options {
    std::int64_t sequence = 0;
    std::uint32_t timestamp = 0;
  };
  ForwardPacket arrive(const Options& options, Bytes payload) {
    SlabRef slab = slabs_.take(kHeaderBytes + payload.size());
    std::uint8_t* const bytes = slab->room.data();
    std::fill_n(bytes, kHeaderBytes, std::uint8_t{0});
    bytes[0] = 0x80;
    store_be(bytes + 2, static_cast<std::uint16_t>(options.sequence));
    store_be(bytes + 4, options.timestamp);
    std::ranges::copy(payload, bytes + kHeaderBytes);
    slab->size = static_cast<std::uint32_t>(kHeaderBytes + payload.size());
    EXPECT_TRUE(store_.insert(kNow, options.sequence, slab));
    const auto view = rtp::PacketView::parse(slab.packet());
    return {.slab = slab, .view = *view, .sequence = options.sequence, .info = {}};
  }
  /// The next packet, 20 ms after the one before.
  ForwardPacket arrive(const std::string& sound) {
    next_ = next_ + 1;
    return arrive({.sequence = next_, .timestamp = static_cast<std::uint32_t>(next_) * 960},
                  ByteVector(sound.begin(), sound.end()));
  }
  void lose() { ++next_; }

  /// The blocks of a packet, oldest first.
  std::vector<std::string> packed(const ForwardPacket& packet, std::size_t repeats) {
    const auto made = packer_.pack(packet, repeats);
    if (!made) return {"nothing"};
    EXPECT_EQ(made->sequence, packet.sequence);
    EXPECT_EQ(made->view.timestamp(), packet.view.timestamp());
    const auto red = rtp::RedPayload::parse(made->view.payload());
    if (!red) return {"malformed"};
    std::vector<std::string> blocks;
    for (const rtp::RedBlock& block : red->blocks()) {
      EXPECT_EQ(block.payload_type, negotiation::kOpusPayloadType);
      EXPECT_EQ(block.timestamp_offset % 960, 0);
      blocks.emplace_back(block.data.begin(), block.data.end());
    }
    return blocks;
  }
  std::size_t packed_bytes(const ForwardPacket& packet, std::size_t repeats) {
    const auto made = packer_.pack(packet, repeats);
    return made ? made->view.payload().size() : 0;
  }

 private:
  SlabPool slabs_{2 * SlabPool::kSlabsPerChunk};
  PacketStore store_{64};
  RedPacker packer_;
  std::int64_t next_ = 100;
};

TEST(RedPacker, repeats_as_many_as_are_asked_for_and_have_come) {
  Stream stream;
  EXPECT_THAT(stream.packed(stream.arrive("one"), 2), ElementsAre("one"));
  EXPECT_THAT(stream.packed(stream.arrive("two"), 2), ElementsAre("one", "two"));
  EXPECT_THAT(stream.packed(stream.arrive("three"), 2), ElementsAre("one", "two", "three"));
  const ForwardPacket four = stream.arrive("four");
  EXPECT_THAT(stream.packed(four, 2), ElementsAre("two", "three", "four"));
  EXPECT_THAT(stream.packed(four, 1), ElementsAre("three", "four"));
  EXPECT_THAT(stream.packed(four, kMaxRepeats), ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(stream.packed(stream.arrive("five"), kMaxRepeats + 1),
              ElementsAre("two", "three", "four", "five"));
}

TEST(RedPacker, says_nothing_of_what_is_behind_a_packet_that_is_missing) {
  Stream stream;
  stream.arrive("one");
  stream.lose();
  EXPECT_THAT(stream.packed(stream.arrive("three"), 3), ElementsAre("three"));
}

TEST(RedPacker, does_not_repeat_silence) {
  Stream stream;
  stream.arrive("one");
  stream.arrive("s");
  EXPECT_THAT(stream.packed(stream.arrive("three"), 3), ElementsAre("three"));
}

TEST(RedPacker, reads_what_was_published_in_red) {
  Stream stream(CodecKind::Red);
  const auto red = [](std::string before, const std::string& sound) {
    std::string payload;
    if (!before.empty()) {
      const auto field = 960U << 10 | static_cast<unsigned>(before.size());
      payload = {static_cast<char>(0xEF), static_cast<char>(field >> 16),
                 static_cast<char>(field >> 8), static_cast<char>(field)};
    }
    return payload + static_cast<char>(0x6F) + before + sound;
  };
  EXPECT_THAT(stream.packed(stream.arrive(red("", "one")), 2), ElementsAre("one"));
  EXPECT_THAT(stream.packed(stream.arrive(red("one", "two")), 2), ElementsAre("one", "two"));
  stream.lose();
  EXPECT_THAT(stream.packed(stream.arrive(red("three", "four")), 3),
              ElementsAre("one", "two", "three", "four"))
      << "the third is known from the fourth";
  EXPECT_THAT(stream.packed(stream.arrive("\x7F"), 3), ElementsAre("nothing"));
}

TEST(RedPacker, stops_at_what_red_cannot_tell) {
  Stream stream;
  const ByteVector most(rtp::RedPayload::kMaxBlockBytes, 7);
  const ByteVector more(rtp::RedPayload::kMaxBlockBytes + 1, 7);
  const ByteVector sound{1, 2, 3};
  constexpr std::uint32_t kFar = rtp::RedPayload::kMaxTimestampOffset;
  std::int64_t sequence = 0;
  const auto repeats_after = [&](Bytes before, std::uint32_t apart) {
    sequence += 10;
    stream.arrive({.sequence = sequence, .timestamp = 1000}, before);
    const ForwardPacket packet =
        stream.arrive({.sequence = sequence + 1, .timestamp = 1000 + apart}, sound);
    return stream.packed_bytes(packet, 1) > 1 + sound.size();
  };
  EXPECT_TRUE(repeats_after(sound, kFar));
  EXPECT_FALSE(repeats_after(sound, kFar + 1)) << "a pause of 341 ms and more";
  EXPECT_FALSE(repeats_after(sound, 0));
  EXPECT_FALSE(repeats_after(sound, static_cast<std::uint32_t>(-960))) << "time went backward";
  EXPECT_TRUE(repeats_after(most, 960));
  EXPECT_FALSE(repeats_after(more, 960));
}

TEST(RedPacker, keeps_a_payload_within_its_limit) {
  constexpr std::size_t kOverhead =
      rtp::RedPayload::kPrimaryHeaderBytes + rtp::RedPayload::kRedundantHeaderBytes;
  constexpr std::size_t kHalf = (limits::kRedPayloadBytes - kOverhead) / 2;
  Stream stream;
  stream.arrive(std::string(kHalf, 'a'));
  const ForwardPacket fits =
      stream.arrive(std::string(limits::kRedPayloadBytes - kOverhead - kHalf, 'b'));
  EXPECT_EQ(stream.packed_bytes(fits, 1), limits::kRedPayloadBytes);
  const std::size_t room = limits::kRedPayloadBytes - kOverhead - fits.view.payload().size();
  const ForwardPacket too_large = stream.arrive(std::string(room + 1, 'c'));
  EXPECT_EQ(stream.packed_bytes(too_large, 1), 1 + too_large.view.payload().size());
}

}  // namespace
}  // namespace vis::media::sfu
