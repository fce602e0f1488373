#include "media_io/placement.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vis::media_io {
namespace {

using core::rooms::ParticipantSid;
using core::rooms::RoomSid;
using core::rooms::TransportId;
using core::rooms::TransportSpec;

class PlacementTest : public testing::Test {
 protected:
  /// The worker of somebody new.
  unsigned join(Placement& placement, const RoomSid& sid) {
    ++last_;
    return placement.add(sid, of(last_, TransportId{last_}))->worker;
  }
  static TransportSpec of(std::uint64_t participant, TransportId transport) {
    TransportSpec spec;
    spec.id = transport;
    spec.participant = ParticipantSid{"PA_" + std::to_string(participant)};
    return spec;
  }
  std::vector<std::size_t> join(Placement& placement, const RoomSid& sid, int people) {
    std::vector<std::size_t> at(4);
    for (int i = 0; i < people; ++i) ++at[join(placement, sid)];
    return at;
  }

  const RoomSid room{"RM_a"};
  std::uint64_t last_ = 0;
};

TEST_F(PlacementTest, rooms_begin_on_the_least_loaded_worker) {
  Placement placement({.workers = 3});
  EXPECT_EQ(placement.open(room), 0U);
  EXPECT_EQ(placement.open(RoomSid{"RM_b"}), 1U);
  join(placement, RoomSid{"RM_b"}, 5);
  EXPECT_EQ(placement.open(RoomSid{"RM_c"}), 2U);
  EXPECT_EQ(placement.open(RoomSid{"RM_d"}), 0U);
}

TEST_F(PlacementTest, a_room_stays_on_one_worker_up_to_the_limit) {
  Placement placement({.workers = 4, .spread = 10});
  placement.open(room);
  EXPECT_EQ(join(placement, room, 10), (std::vector<std::size_t>{10, 0, 0, 0}));
  EXPECT_EQ(placement.parts(room).size(), 1U);
  EXPECT_EQ(join(placement, room), 1U);
  EXPECT_EQ(placement.parts(room), (std::vector<unsigned>{0, 1}));
}

TEST_F(PlacementTest, without_a_limit_it_never_spreads) {
  Placement placement({.workers = 4, .spread = 0});
  placement.open(room);
  EXPECT_EQ(join(placement, room, 1000), (std::vector<std::size_t>{1000, 0, 0, 0}));
}

TEST_F(PlacementTest, it_goes_to_the_least_loaded_worker_that_has_none_of_it) {
  Placement placement({.workers = 3, .spread = 2});
  placement.open(room);
  placement.open(RoomSid{"RM_b"});
  join(placement, room, 2);
  EXPECT_EQ(join(placement, room), 2U);
}

TEST_F(PlacementTest, on_all_workers_it_grows_evenly) {
  Placement placement({.workers = 4, .spread = 10});
  placement.open(room);
  EXPECT_EQ(join(placement, room, 48), (std::vector<std::size_t>{12, 12, 12, 12}));
}

TEST_F(PlacementTest, all_transports_of_a_participant_are_on_one_worker) {
  Placement placement({.workers = 2, .spread = 1});
  placement.open(room);
  EXPECT_EQ(placement.add(room, of(1, TransportId{1}))->worker, 0U);
  EXPECT_EQ(placement.add(room, of(2, TransportId{2}))->worker, 1U);
  EXPECT_EQ(placement.add(room, of(1, TransportId{3}))->worker, 0U);
  EXPECT_EQ(placement.add(room, of(2, TransportId{4}))->worker, 1U);
  EXPECT_EQ(placement.find(room, TransportId{3}), 0U);
  EXPECT_EQ(placement.find(room, TransportId{4}), 1U);
  EXPECT_EQ(placement.find(room, TransportId{5}), std::nullopt);
}

TEST_F(PlacementTest, says_when_a_worker_gets_its_first_of_the_room) {
  Placement placement({.workers = 2, .spread = 1});
  placement.open(room);
  EXPECT_FALSE(placement.add(room, of(1, TransportId{1}))->is_new);
  EXPECT_TRUE(placement.add(room, of(2, TransportId{2}))->is_new);
  EXPECT_FALSE(placement.add(room, of(2, TransportId{3}))->is_new);
  EXPECT_FALSE(placement.add(room, of(4, TransportId{4}))->is_new);
}

TEST_F(PlacementTest, who_has_left_makes_room) {
  Placement placement({.workers = 2, .spread = 2});
  placement.open(room);
  join(placement, room, 2);
  placement.remove(room, TransportId{1});
  EXPECT_EQ(placement.find(room, TransportId{1}), std::nullopt);
  EXPECT_EQ(join(placement, room), 0U);
  EXPECT_EQ(join(placement, room), 1U);
}

TEST_F(PlacementTest, a_closed_room_leaves_nothing_behind) {
  Placement placement({.workers = 2, .spread = 1});
  placement.open(room);
  join(placement, room, 2);
  EXPECT_EQ(placement.close(room), (std::vector<unsigned>{0, 1}));
  EXPECT_EQ(placement.rooms(), 0U);
  EXPECT_TRUE(placement.close(room).empty());
  EXPECT_TRUE(placement.parts(room).empty());
  EXPECT_EQ(placement.add(room, of(9, TransportId{9})), std::nullopt);
  EXPECT_EQ(placement.find(room, TransportId{1}), std::nullopt);
  placement.remove(room, TransportId{1});
  EXPECT_EQ(placement.open(RoomSid{"RM_b"}), 0U);
  EXPECT_EQ(placement.open(RoomSid{"RM_c"}), 1U);
}

}  // namespace
}  // namespace vis::media_io
