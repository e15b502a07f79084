// t-SNE (van der Maaten and Hinton, JMLR 9, 2008): points of many dimensions in the plane, so that neighbours
// stay neighbours. Exact, every pair is looked at: for up to a thousand points. Nothing is drawn at random;
// the same points give the same picture.
#pragma once

#include <array>
#include <span>
#include <vector>

namespace rc {

using PlanePoint = std::array<double, 2>;

// p_ij [n, n] of the paper: conditional Gaussian affinities, each with the width whose perplexity (2 to the
// power of the entropy) is asked for, symmetrised as (p_j|i + p_i|j) / 2n. Their sum is 1, the diagonal 0.
std::vector<double> tsne_affinities(std::span<const std::vector<float>> points, double perplexity);

// The Kullback-Leibler divergence of q_ij, Student's t over the plane, from p_ij; its gradient as well where
// that is given [n].
double tsne_divergence(std::span<const double> p, std::span<const PlanePoint>,
                       std::vector<PlanePoint>* gradient);

struct TsneOptions {
  double perplexity = 30;  // at most a third of the other points
  int iterations = 750;
};

// From `start`, by their gradient descent: momentum 0.5, then 0.8 after 250 iterations, until when p is 12
// times as large (early exaggeration); gains; rate max(n / 48, 50) (Belkina et al., 2019).
std::vector<PlanePoint> tsne(std::span<const std::vector<float>> points, std::span<const PlanePoint> start,
                             const TsneOptions& = {});

}  // namespace rc
