import { type DragEvent, type ReactElement, useState } from 'react';
import { bytesText } from '../engine/format.ts';
import { useText } from '../i18n/index.ts';
import { FILE_ENDINGS } from './coding-request.ts';

/** Takes one file: dropped, or chosen by pointer or keyboard. */
export function FileDrop({
  file,
  disabled,
  onFile,
}: {
  readonly file: File | null;
  readonly disabled: boolean;
  readonly onFile: (file: File) => void;
}): ReactElement {
  const t = useText();
  const [over, setOver] = useState(false);
  const take = (files: FileList | null): void => {
    const first = files?.[0];
    if (first && !disabled) onFile(first);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <label
      className={over ? 'file-drop over' : 'file-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      data-testid="drop"
    >
      <input
        type="file"
        className="visually-hidden"
        accept={FILE_ENDINGS.join(',')}
        disabled={disabled}
        onChange={(event) => {
          take(event.target.files);
          // The same file, corrected meanwhile, can be chosen once more.
          event.target.value = '';
        }}
        data-testid="file"
      />
      {file === null ? (
        <>
          <b>{t.coding.drop}</b>
          <span>{t.coding.kinds}</span>
        </>
      ) : (
        <>
          <b data-testid="file-name">{file.name}</b>
          <span>
            {bytesText(file.size)} · <u>{t.coding.dropOther}</u>
          </span>
        </>
      )}
    </label>
  );
}
