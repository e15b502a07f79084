#include "data/sampler.h"

#include <algorithm>
#include <map>
#include <set>

#include "tests/data/fixtures.h"

namespace rc {
namespace {

Video video(int label, const std::string& method, const std::string& id, int frames,
            const std::string& target = {}, const std::string& source = {}) {
  Video v;
  v.dataset = "D", v.split = "train", v.label = label, v.method = method, v.id = id, v.target = target,
  v.source = source;
  for (int i = 0; i < frames; ++i) v.frames.push_back(method + "/" + id + "/" + std::to_string(i) + ".png");
  return v;
}

// People 0 .. 2 * pairs - 1, forged as FF++ does it: 2p and 2p + 1 in both directions by each method.
Index corpus(int pairs, const std::vector<std::string>& methods, int frames = 5) {
  Index index;
  for (int i = 0; i < 2 * pairs; ++i)
    index.videos.push_back(video(0, "real", std::to_string(i), frames, std::to_string(i)));
  for (const std::string& method : methods)
    for (int i = 0; i < 2 * pairs; ++i) {
      const std::string target = std::to_string(i), source = std::to_string(i ^ 1);
      index.videos.push_back(video(1, method, target + "_" + source, frames, target, source));
    }
  return index;
}

const std::vector<std::string> kFour = {"Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures"};

SamplerOptions options(int batch, int views = 2, const std::string& method_pair = "any",
                       const std::string& pairing = "auto") {
  return {pairing, method_pair, batch, views, 7};
}

TEST_SUITE("unit") {
  TEST_CASE("a batch is a pure function of seed, epoch and step") {
    const Index index = corpus(6, kFour);
    const Sampler a(index, options(16)), b(index, options(16));
    std::vector<std::vector<Sample>> forwards, backwards;
    for (uint32_t step = 0; step < 10; ++step) forwards.push_back(a.batch(1, step));
    for (uint32_t step = 10; step-- > 0;) backwards.push_back(b.batch(1, step));
    std::ranges::reverse(backwards);
    CHECK(forwards == backwards);
    CHECK(a.batch(1, 0) != a.batch(2, 0));
    SamplerOptions other = options(16);
    other.seed = 8;
    CHECK(Sampler(index, other).batch(1, 0) != a.batch(1, 0));
  }

  TEST_CASE("tuples hold the target, the source and two forgeries of the same frame") {
    const Index index = corpus(8, kFour);
    const Sampler sampler(index, options(32));
    REQUIRE(sampler.pairs());
    std::map<int, int> seen;
    for (uint32_t step = 0; step < 200; ++step) {
      const auto batch = sampler.batch(0, step);
      REQUIRE(batch.size() == 64);
      std::set<int> reals;
      std::set<uint32_t> photometry;
      for (size_t i = 0; i < batch.size(); i += 4) {
        const auto at = [&](size_t j) -> const Video& { return index.videos[size_t(batch[i + j].video)]; };
        CHECK(at(0).label + at(1).label == 0);
        CHECK(at(2).label + at(3).label == 2);
        for (const size_t j : {2, 3}) {
          CHECK(at(j).target == at(0).id);
          CHECK(at(j).source == at(1).id);
          CHECK(batch[i + j].frame == batch[i].frame);
          CHECK(batch[i + j].geometry == batch[i].geometry);
        }
        CHECK(at(2).method != at(3).method);
        CHECK(batch[i + 1].geometry != batch[i].geometry);
        for (size_t j = 0; j < 4; ++j) {
          CHECK(batch[i + j].tuple == int(i % 32) / 4);
          CHECK(batch[i + j].view == int(i) / 32);
          photometry.insert(batch[i + j].photometry);
          ++seen[batch[i + j].video];
        }
        if (i < 32) reals.insert({batch[i].video, batch[i + 1].video});
      }
      CHECK(reals.size() == 16);  // eight tuples of distinct pairs: no real video twice
      CHECK(photometry.size() == 64);
      for (size_t i = 0; i < 32; ++i) {
        CHECK(batch[i].video == batch[i + 32].video);
        CHECK(batch[i].frame == batch[i + 32].frame);
        CHECK(batch[i].geometry != batch[i + 32].geometry);
      }
    }
    CHECK(seen.size() == index.videos.size());
  }

  TEST_CASE("keys of different steps differ") {
    const Sampler sampler(corpus(4, kFour), options(8));
    std::set<uint32_t> keys;
    for (uint32_t step = 0; step < 50; ++step)
      for (const Sample& sample : sampler.batch(0, step)) keys.insert(sample.photometry);
    CHECK(keys.size() == 50 * 16);
  }

  TEST_CASE("fewer pairs than tuples: people come again, then pairs") {
    // A chain 0-1, 1-2, 2-3, 3-4: at most two of its four pairs share nobody.
    Index index;
    for (int i = 0; i < 5; ++i) index.videos.push_back(video(0, "real", std::to_string(i), 3));
    for (int i = 0; i < 4; ++i)
      for (const char* method : {"Deepfakes", "NeuralTextures"}) {
        const std::string target = std::to_string(i), source = std::to_string(i + 1);
        index.videos.push_back(video(1, method, target + "_" + source, 3, target, source));
      }
    for (uint32_t step = 0; step < 50; ++step) {
      std::map<int, int> times;  // of each target, which here names the pair
      for (const Sample& sample : Sampler(index, options(16, 1)).batch(0, step))
        if (sample.photometry % 4 == 0) ++times[sample.video];
      CHECK(times.size() == 4);  // four tuples, four pairs: each once, though they share people
      times.clear();
      for (const Sample& sample : Sampler(index, options(32, 1)).batch(0, step))
        if (sample.photometry % 4 == 0) ++times[sample.video];
      for (const auto& [target, n] : times) CHECK(n == 2);  // eight tuples: each twice
    }
  }

  TEST_CASE("method pairs") {
    const auto methods = [](const Index& index, const std::string& method_pair) {
      std::set<std::set<std::string>> seen;
      const Sampler sampler(index, options(8, 1, method_pair));
      for (uint32_t step = 0; step < 200; ++step) {
        const auto batch = sampler.batch(0, step);
        for (size_t i = 0; i < batch.size(); i += 4)
          seen.insert({index.videos[size_t(batch[i + 2].video)].method,
                       index.videos[size_t(batch[i + 3].video)].method});
      }
      return seen;
    };
    const Index four = corpus(3, kFour);
    CHECK(methods(four, "any").size() == 6);
    CHECK(methods(four, "same").size() == 4);
    CHECK(methods(four, "cross") == std::set<std::set<std::string>>{{"Deepfakes", "Face2Face"},
                                                                    {"Deepfakes", "NeuralTextures"},
                                                                    {"FaceSwap", "Face2Face"},
                                                                    {"FaceSwap", "NeuralTextures"}});
    CHECK(methods(corpus(3, {"SelfBlend", "FaceSwap", "Reenact", "Resynth"}), "cross") ==
          std::set<std::set<std::string>>{{"FaceSwap", "Reenact"}});
    CHECK(methods(corpus(3, {"Deepfakes"}), "any") == std::set<std::set<std::string>>{{"Deepfakes"}});
    CHECK(contains(
        error_of(Exit::data, [] { Sampler(corpus(3, {"Deepfakes"}), options(8, 1, "cross", "tuple")); }),
        "cross"));
  }

  TEST_CASE("frames are matched by name, not by place") {
    Index index = corpus(1, kFour);
    for (Video& v : index.videos) {
      if (v.label == 0) v.frames = {"a/000.png", "a/003.png", "a/007.png", "a/012.png"};
      if (v.method == "Deepfakes") v.frames = {"b/3.png", "b/5.png", "b/7.png"};
      if (v.method == "Face2Face") v.frames = {"c/007.png", "c/008.png"};
      if (v.method == "FaceSwap") v.frames = {"d/099.png"};  // shares nothing: never used
      if (v.method == "NeuralTextures") v.frames = {"e/003.png", "e/007.png"};
    }
    const Sampler sampler(index, options(4, 1));
    std::set<std::string> names;
    for (uint32_t step = 0; step < 100; ++step) {
      const auto batch = sampler.batch(0, step);
      const auto number = [&](size_t i) {
        return std::stoi(
            std::filesystem::path(index.videos[size_t(batch[i].video)].frames[size_t(batch[i].frame)])
                .stem()
                .string());
      };
      CHECK(number(2) == number(0));
      CHECK(number(3) == number(0));
      CHECK(index.videos[size_t(batch[2].video)].method != "FaceSwap");
      CHECK(index.videos[size_t(batch[3].video)].method != "FaceSwap");
      names.insert(std::to_string(number(0)));
    }
    CHECK(names == std::set<std::string>{"3", "7"});
  }

  TEST_CASE("images that are videos of their own pair up too") {
    Index index = corpus(2, kFour, 1);
    for (Video& v : index.videos) v.frames = {v.method + "/" + v.id + ".png"};
    CHECK(Sampler(index, options(8)).pairs());
  }

  TEST_CASE("balanced batches: half real, half fake, no video twice while there are enough") {
    const Index index = corpus(8, {"Deepfakes"});
    const Sampler sampler(index, options(16, 2, "any", "balanced"));
    CHECK(!sampler.pairs());
    std::set<int> seen;
    for (uint32_t step = 0; step < 100; ++step) {
      const auto batch = sampler.batch(3, step);
      REQUIRE(batch.size() == 32);
      std::set<int> videos, tuples;
      std::set<uint32_t> geometry;
      for (size_t i = 0; i < 16; ++i) {
        CHECK(index.videos[size_t(batch[i].video)].label == int(i / 8));
        CHECK(batch[i].video == batch[i + 16].video);
        CHECK(batch[i].frame == batch[i + 16].frame);
        videos.insert(batch[i].video), tuples.insert(batch[i].tuple),
            geometry.insert({batch[i].geometry, batch[i + 16].geometry});
      }
      CHECK(videos.size() == 16);
      CHECK(tuples.size() == 16);
      CHECK(geometry.size() == 32);
      seen.insert(videos.begin(), videos.end());
    }
    CHECK(seen.size() == index.videos.size());

    // 4 real videos for 8 places: each exactly twice.
    std::map<int, int> times;
    for (const Sample& sample :
         Sampler(corpus(2, {"Deepfakes"}), options(16, 1, "any", "balanced")).batch(0, 0))
      ++times[sample.video];
    for (const auto& [v, n] : times) CHECK(n == 2);
  }

  TEST_CASE("the random control has the batch, the views and the balance of tuples, and no tuples") {
    const Index index = corpus(8, kFour);
    const Sampler tuple(index, options(32)), random(index, options(32, 2, "any", "balanced"));
    int kin = 0, kin_by_chance = 0;
    for (uint32_t step = 0; step < 200; ++step) {
      const auto a = tuple.batch(0, step), b = random.batch(0, step);
      REQUIRE(a.size() == b.size());
      for (int view = 0; view < 2; ++view) {
        const auto fakes = [&](const std::vector<Sample>& batch) {
          return std::ranges::count_if(batch, [&](const Sample& s) {
            return s.view == view && index.videos[size_t(s.video)].label == 1;
          });
        };
        CHECK(fakes(a) == 16);
        CHECK(fakes(b) == 16);
      }
      // How many fakes stand beside a real video of their target that shows the same frame.
      const auto beside = [&](const std::vector<Sample>& batch) {
        return int(std::ranges::count_if(batch, [&](const Sample& fake) {
          const Video& forged = index.videos[size_t(fake.video)];
          return forged.label == 1 && std::ranges::any_of(batch, [&](const Sample& s) {
                   return index.videos[size_t(s.video)].id == forged.target && s.frame == fake.frame;
                 });
        }));
      };
      CHECK(beside(a) == 32);
      kin += beside(a), kin_by_chance += beside(b);
    }
    // All 16 real videos are in each random batch, and one frame in five is the fake's: 3200 draws, counted
    // in both views, 1280 +- 45; seven deviations are allowed.
    CHECK(std::abs(kin_by_chance - kin / 5) < kin / 20);
  }

  TEST_CASE("the pairs of a batch are distinct, whichever way round, as long as there are enough") {
    const Index index = corpus(4, kFour);  // as many pairs as a batch of 16 needs
    const Sampler sampler(index, options(16, 1));
    std::set<std::pair<int, int>> directions;
    for (uint32_t step = 0; step < 100; ++step) {
      const auto batch = sampler.batch(0, step);
      std::set<std::pair<int, int>> pairs;
      for (size_t i = 0; i < batch.size(); i += 4) {
        pairs.insert(std::minmax({batch[i].video, batch[i + 1].video}));
        directions.insert({batch[i].video, batch[i + 1].video});
      }
      CHECK(pairs.size() == 4);
    }
    CHECK(directions.size() == 8);  // both ways round are drawn
  }

  TEST_CASE("an epoch shows every frame about once") {
    // FF++: 720 directed pairs of 32 frames, 8 tuples a batch.
    CHECK(Sampler(corpus(360, {"Deepfakes"}, 32), options(32)).steps_per_epoch() == 2880);
    CHECK(Sampler(corpus(5, {"Deepfakes"}, 3), options(32, 2, "any", "balanced")).steps_per_epoch() ==
          2);  // 60 images
  }

  TEST_CASE("an index without pairs falls back, or says so") {
    Index index = corpus(4, kFour);
    for (Video& v : index.videos) v.target.clear();
    CHECK(!Sampler(index, options(8)).pairs());
    CHECK(contains(error_of(Exit::data, [&] { Sampler(index, options(8, 2, "any", "tuple")); }),
                   "no forgery tuples"));
    std::erase_if(index.videos, [](const Video& v) { return v.label == 0; });
    CHECK(contains(error_of(Exit::data, [&] { Sampler(index, options(8)); }), "no real videos"));
  }

  TEST_CASE("options that are none are refused") {
    const Index index = corpus(2, kFour);
    for (const SamplerOptions& bad :
         {options(6), options(7), options(0), options(-4), options(8, 3), options(8, 0), options(8, 2, "all"),
          options(8, 2, "any", "pairs"), options(7, 2, "any", "balanced")})
      error_of(Exit::usage, [&] { Sampler(index, bad); });
    CHECK(Sampler(index, options(6, 2, "any", "balanced")).batch(0, 0).size() == 12);
  }
}

}  // namespace
}  // namespace rc
