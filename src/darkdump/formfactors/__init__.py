"""Form factors of nuclei, nucleons and mesons."""
