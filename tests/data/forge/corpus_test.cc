#include "data/forge/corpus.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/forge/method.h"
#include "data/forge/pairs.h"
#include "data/index.h"
#include "data/synth.h"
#include "engine/file.h"
#include "engine/sha256.h"
#include "tests/data/fixtures.h"

namespace rc {
namespace {
namespace fs = std::filesystem;

constexpr int kPeople = 7, kFrames = 2;  // three pairs, and one person who stays out

CorpusOptions options(int threads) {
  CorpusOptions result;
  result.frames = kFrames, result.size = 48, result.threads = threads;
  return result;
}

// Drawn people and a corpus of them, made once.
const TemporaryFolder& corpora() {
  static const TemporaryFolder folder;
  static const bool made = [] {
    draw_people(folder / "people", kPeople, 64, 1, false);
    forge_corpus(folder / "people", folder / "a", options(1));
    return true;
  }();
  REQUIRE(made);
  return folder;
}

TEST_SUITE("unit") {
  TEST_CASE("pairs: splits share no one, every person has one partner") {
    std::vector<Person> people;
    for (uint32_t i = 0; i < 41; ++i) people.push_back(draw_person(1, i, 64));
    const auto splits = pair_people(people, 5);
    std::set<int> seen;
    size_t count = 0;
    for (const SplitPairs& split : splits)
      for (const auto& [a, b] : split.pairs) {
        CHECK(a < b);
        seen.insert({a, b});
        count += 2;
      }
    CHECK(count == 40);
    CHECK(seen.size() == 40);
    CHECK(splits[0].pairs.size() == 14);
    CHECK(splits[1].pairs.size() == 2);  // 2.4
    CHECK(splits[2].pairs.size() == 4);  // 3.6
    CHECK(pair_people(people, 5)[0].pairs == splits[0].pairs);
    CHECK(pair_people(people, 6)[0].pairs != splits[0].pairs);
    people.erase(people.begin() + 5, people.end());
    CHECK(contains(error_of(Exit::data, [&] { pair_people(people, 5); }), "at least 6 people"));
  }

  TEST_CASE("corpus: the same bytes twice and for any number of threads, others for another seed") {
    const TemporaryFolder& folder = corpora();
    forge_corpus(folder / "people", folder / "b", options(3));
    CHECK(files_of(folder / "a") == files_of(folder / "b"));
    CorpusOptions other = options(2);
    other.seed = 2;
    forge_corpus(folder / "people", folder / "c", other);
    CHECK(files_of(folder / "a") != files_of(folder / "c"));
  }

  TEST_CASE("corpus: reads as FF++, complete, paired both ways, split by person") {
    const Index index = load_index(corpora() / "a");
    CHECK(index.has_pairs());
    std::map<std::string, std::set<std::string>> people;
    size_t real = 0, fake = 0;
    for (const Video& video : index.videos) {
      CHECK(video.frames.size() == kFrames);
      (video.label ? fake : real) += 1;
      people[video.split].insert(video.target);
      if (video.label) people[video.split].insert(video.source);
    }
    CHECK(real == 6);
    CHECK(fake == 6 * kForgeMethods.size());
    REQUIRE(people.size() == 3);
    std::set<std::string> all;
    for (const auto& [split, some] : people) {
      CHECK(some.size() == 2);
      all.insert(some.begin(), some.end());
    }
    CHECK(all.size() == 6);
  }

  TEST_CASE("corpus: of one size, alike outside the face, hashed, described") {
    const TemporaryFolder& folder = corpora();
    const Index index = load_index(folder / "a");
    for (const Video& video : index.videos)
      for (const std::string& frame : video.frames) {
        const Image image = read_image(folder / "a" / frame);
        REQUIRE(image.height == 48);
        REQUIRE(image.width == 48);
        if (!video.label) continue;
        const std::string number = fs::path(frame).filename();
        const Image real =
            read_image(folder / "a/original_sequences/youtube/c23/frames" / video.target / number);
        for (int x = 0; x < 8; ++x)  // a corner, far from the face: the codec alone may differ
          for (int c = 0; c < 3; ++c) CHECK(std::abs(int(image.at(1, x)[c]) - int(real.at(1, x)[c])) < 40);
      }

    const std::string sums = read_file(folder / "a/SHA256SUMS");
    CHECK(std::ranges::count(sums, '\n') == 6 * kFrames * (1 + std::ptrdiff_t(kForgeMethods.size())));
    const std::string line = sums.substr(0, sums.find('\n'));
    CHECK(line.substr(0, 64) == sha256(read_file(folder / "a" / line.substr(66))));
    const auto manifest = nlohmann::json::parse(read_file(folder / "a/manifest.json"));
    CHECK(manifest["sha256sums"] == sha256(sums));
    CHECK(manifest["licence"] == "free of rights, nobody's likeness");
    CHECK(manifest["people"].size() == kPeople);
    CHECK(fs::exists(folder / "a/SOURCE.txt"));
    CHECK(read_image(folder / "a/preview.png").width == 5 * 50 - 2);
  }

  TEST_CASE("corpus: some methods alone; unknown ones, existing folders and failures leave nothing") {
    const TemporaryFolder& folder = corpora();
    CorpusOptions some = options(1);
    some.methods = {"Resynth"};
    forge_corpus(folder / "people", folder / "d", some);
    CHECK(load_index(folder / "d").videos.size() == 12);
    // A method's draws do not depend on which others there are.
    const auto few = files_of(folder / "d"), all = files_of(folder / "a");
    for (const auto& [path, bytes] : few)
      if (path.ends_with(".jpg")) CHECK(all.at(path) == bytes);

    some.methods = {"Resinth"};
    const auto refusal = [&](const char* in, const char* out) {
      return error_of(Exit::usage, [&] { forge_corpus(folder / in, folder / out, some); });
    };
    CHECK(contains(refusal("people", "e"), "did you mean \"Resynth\"?"));
    CHECK(contains(refusal("people", "a"), "--force"));
    error_of(Exit::data, [&] { forge_corpus(folder / "missing", folder / "e", options(1)); });
    CHECK(!fs::exists(folder / "e"));
    for (const auto& entry : fs::directory_iterator(folder.path())) CHECK(entry.path().extension().empty());
  }
}

}  // namespace
}  // namespace rc
