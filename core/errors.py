"""The exceptions of this project. Each message says what happened and how to mend it.

BloodCellsError
├── SettingsError              a setting in the environment cannot be used
├── DatasetError
│   └── DatasetMissingError    no images where they were looked for
├── ImageRefusedError          an upload that is not an image this project reads
│   └── FieldImageError        a whole microscope field where one cell was expected
├── BusyError                  too much waits for a prediction already
├── BundleError
│   ├── BundleMissingError     no bundle of that name
│   └── BundleRefusedError     checksum or card do not fit
├── DeploymentError            what is in use is gone or another than it was, so nothing answers
├── HeatMapError               a network or a label that no heat map can be drawn for
├── JobError                   long work that cannot be asked for, begun or stopped
├── ProfileError               a laboratory profile that is missing, damaged or cannot be made
├── TrainingError
│   ├── InvalidConfigError     a TrainConfig field out of range
│   └── RunError               a run that cannot be started, stopped or resumed
├── EvaluationError
│   ├── ResultMissingError     nothing was evaluated under that name yet
│   ├── ResultStaleError       the bundle or the data changed since
│   └── ComparisonError        two evaluations that are not of the same images
├── RecordError
│   ├── LogFailedError         a prediction could not be written, so it is not shown
│   └── SchemaError            the database is older or newer than this code
├── CaseError                  what cannot be done to a case as it is
│   └── StaleActError          an act on cells that have changed since they were shown
└── AccessError
    ├── SignInError            wrong name or password, locked or disabled
    ├── InvalidAccountError    a name, role or password that cannot be used
    ├── TokenError             a set-up or reset token that is unknown, used or expired
    ├── ApiKeyError            an API key that is missing, unknown or revoked
    └── NotAllowedError        the role does not allow this
"""


class BloodCellsError(Exception):
    """Base of every error that is shown to a user as it stands."""


class SettingsError(BloodCellsError):
    """A setting in the environment cannot be used."""


class DatasetError(BloodCellsError):
    """The data set cannot be used as it is."""


class DatasetMissingError(DatasetError):
    """No images where they were looked for."""


class ImageRefusedError(BloodCellsError):
    """An upload that is not an image this project reads."""


class FieldImageError(ImageRefusedError):
    """A whole microscope field where one cell was expected."""


class BusyError(BloodCellsError):
    """Too much waits for a prediction already; asking again in a moment helps."""


class BundleError(BloodCellsError):
    """A model bundle cannot be used."""


class BundleMissingError(BundleError):
    """No bundle of that name."""


class BundleRefusedError(BundleError):
    """A bundle whose checksum or card does not fit."""


class DeploymentError(BloodCellsError):
    """What is in use is gone, damaged or another than was put into use, so nothing answers."""


class HeatMapError(BloodCellsError):
    """No heat map can be drawn of this network, or for this label."""


class JobError(BloodCellsError):
    """Long work cannot be asked for, begun or stopped."""


class ProfileError(BloodCellsError):
    """A laboratory profile is missing, damaged or cannot be made."""


class TrainingError(BloodCellsError):
    """Training cannot start or go on."""


class InvalidConfigError(TrainingError):
    """A field of a TrainConfig is out of range."""


class RunError(TrainingError):
    """A run cannot be started, stopped or resumed."""


class EvaluationError(BloodCellsError):
    """A saved evaluation cannot be used."""


class ResultMissingError(EvaluationError):
    """Nothing was evaluated under that name yet."""


class ResultStaleError(EvaluationError):
    """The bundle or the data changed since the evaluation."""


class ComparisonError(EvaluationError):
    """Two evaluations are not of the same images."""


class RecordError(BloodCellsError):
    """The database cannot answer."""


class LogFailedError(RecordError):
    """A prediction could not be written, so it must not be shown as logged."""


class SchemaError(RecordError):
    """The database is older or newer than this code."""


class CaseError(BloodCellsError):
    """A case does not allow this as it is."""


class StaleActError(CaseError):
    """An act on what has changed since it was shown, so nothing of it was done."""


class AccessError(BloodCellsError):
    """Somebody may not do this."""


class SignInError(AccessError):
    """Wrong name or password, locked or disabled account."""


class InvalidAccountError(AccessError):
    """A user name, role or password that cannot be used."""


class TokenError(AccessError):
    """A set-up or reset token that is unknown, used or expired."""


class ApiKeyError(AccessError):
    """An API key that is missing, unknown or revoked, or whose account is disabled."""


class NotAllowedError(AccessError):
    """The role does not allow this."""
