#include "engine/base/arena.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>

using namespace plainsight;

TEST_CASE("an arena hands out aligned, disjoint memory and keeps its memory for the next round") {
  Arena arena;
  std::size_t capacity = 0;
  for (int round = 0; round < 3; ++round) {
    char* last = nullptr;
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{64}, std::size_t{100}, std::size_t{3} << 20, std::size_t{0}}) {
      auto* p = static_cast<char*>(arena.allocate(bytes));
      CHECK(reinterpret_cast<std::uintptr_t>(p) % kAlignment == 0);
      std::memset(p, round, bytes);
      if (last != nullptr) CHECK(*last == static_cast<char>(round));
      if (bytes > 0) last = p;
    }
    arena.reset();
    if (round == 0) capacity = arena.capacity();
    CHECK(arena.capacity() == capacity);
  }
}

TEST_CASE("a round that needed several blocks leaves one, of about the size that was needed") {
  Arena arena;
  for (const std::size_t megabytes : {std::size_t{1}, std::size_t{5}, std::size_t{40}, std::size_t{42}}) {
    arena.allocate(100);
    arena.allocate(megabytes << 20);
    arena.reset();
    CHECK(arena.capacity() >= megabytes << 20);
    CHECK(arena.capacity() <= (megabytes << 20) * 11 / 10 + (2u << 20));
  }
}

TEST_CASE("a scope gives back what was taken in it") {
  Arena arena;
  arena.allocate(64);  // stays
  void* before = nullptr;
  {
    const ArenaScope scope(arena);
    before = arena.allocate(1000);
    arena.allocate(5 << 20);
  }
  CHECK(arena.allocate(10) == before);
}
