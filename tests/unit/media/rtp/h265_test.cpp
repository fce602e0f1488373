#include "media/rtp/h265.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace vis::media::rtp {
namespace {

/// The two bytes in front of a NAL unit of that type.
ByteVector unit(std::uint8_t type, ByteVector rest, std::uint8_t temporal_plus_one = 1) {
  ByteVector bytes{static_cast<std::uint8_t>(type << 1), temporal_plus_one};
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

ByteVector aggregate(const std::vector<ByteVector>& units) {
  ByteVector bytes = unit(48, {});
  for (const ByteVector& each : units) {
    bytes.push_back(static_cast<std::uint8_t>(each.size() >> 8));
    bytes.push_back(static_cast<std::uint8_t>(each.size()));
    bytes.insert(bytes.end(), each.begin(), each.end());
  }
  return bytes;
}

TEST(H265, tells_the_units_that_a_decoder_can_begin_with) {
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{16, 19, 20, 21, 23, 32, 33}) {
    const auto h265 = H265Payload::parse(unit(type, {1, 2}));
    ASSERT_TRUE(h265) << int{type};
    EXPECT_TRUE(h265->starts_key_frame()) << int{type};
  }
  for (const std::uint8_t type :
       std::initializer_list<std::uint8_t>{0, 1, 9, 15, 24, 34, 35, 39, 47}) {
    const auto h265 = H265Payload::parse(unit(type, {1, 2}));
    ASSERT_TRUE(h265) << int{type};
    EXPECT_FALSE(h265->starts_key_frame()) << int{type};
  }
}

TEST(H265, reads_the_temporal_layer) {
  EXPECT_EQ(H265Payload::parse(unit(1, {1}, 3))->temporal_id, 2);
}

TEST(H265, looks_into_aggregation_packets) {
  EXPECT_TRUE(H265Payload::parse(aggregate({unit(32, {1}), unit(33, {1}), unit(34, {1})}))
                  ->has_parameter_sets);
  EXPECT_TRUE(H265Payload::parse(aggregate({unit(39, {1}), unit(19, {1})}))->starts_random_access);
  EXPECT_FALSE(H265Payload::parse(aggregate({unit(1, {1}), unit(0, {1})}))->starts_key_frame());
}

TEST(H265, a_fragment_starts_a_key_frame_only_where_its_unit_starts) {
  EXPECT_TRUE(H265Payload::parse(unit(49, {0x80 | 19, 1}))->starts_random_access);
  EXPECT_FALSE(H265Payload::parse(unit(49, {19, 1}))->starts_key_frame());
  EXPECT_FALSE(H265Payload::parse(unit(49, {0x40 | 19, 1}))->starts_key_frame());
  EXPECT_FALSE(H265Payload::parse(unit(49, {0x80 | 1, 1}))->starts_key_frame());
}

TEST(H265, refuses_what_is_malformed) {
  EXPECT_FALSE(H265Payload::parse({})) << "empty";
  EXPECT_FALSE(H265Payload::parse(ByteVector{0x26})) << "half a header";
  EXPECT_FALSE(H265Payload::parse(unit(19, {}))) << "nothing behind the header";
  EXPECT_FALSE(H265Payload::parse(ByteVector{0x80 | 0x26, 1, 1})) << "forbidden bit";
  EXPECT_FALSE(H265Payload::parse(unit(19, {1}, 0))) << "temporal id 0";
  EXPECT_FALSE(H265Payload::parse(unit(50, {1, 2}))) << "PACI";
  EXPECT_FALSE(H265Payload::parse(unit(63, {1, 2}))) << "unspecified";
  EXPECT_FALSE(H265Payload::parse(unit(49, {0xC0 | 19, 1}))) << "start and end at once";
  EXPECT_FALSE(H265Payload::parse(unit(49, {0x80 | 19}))) << "an empty fragment";
  EXPECT_FALSE(H265Payload::parse(aggregate({unit(32, {1})}))) << "one unit is not aggregated";
  EXPECT_FALSE(H265Payload::parse(aggregate({unit(32, {1}), {0x40}}))) << "half a unit";
  ByteVector overrun = aggregate({unit(32, {1}), unit(33, {1})});
  overrun.pop_back();
  EXPECT_FALSE(H265Payload::parse(overrun)) << "a length past the end";
}

}  // namespace
}  // namespace vis::media::rtp
