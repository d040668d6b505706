"""创文: civilised-city work and grass-roots governance of a city district."""

__version__ = "0.1.0"
