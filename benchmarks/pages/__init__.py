"""The benchmark of the pages: the matrix of positions, and a node with two hundred delegates connected."""
